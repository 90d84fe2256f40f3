#!/bin/sh
# Brings the peers that SideBySide compares with: transformers in a Python environment of its own, llama.cpp's libraries as npm has them
# built, and Jlama's jars where JLAMA_JAVA names the java of a JDK of 20 or later. Nothing of the build needs it. PYTHON names another
# Python; with PEERS_PYTHON one that has torch, transformers, numpy and gguf already is taken, and no environment is made.
set -eu
cd "$(dirname "$0")"
peers=${1:-"$HOME/.cache/proxytune-bench/peers"}
llama=3.22.1 # of @node-llama-cpp: peers.py has been tried with this one
mkdir -p "$peers"
if [ -z "${PEERS_PYTHON:-}" ]; then
  "${PYTHON:-python3}" -m venv "$peers/venv"
  "$peers/venv/bin/pip" install -q -r requirements.txt
  PEERS_PYTHON=$peers/venv/bin/python
fi
rm -f "$peers/python"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$PEERS_PYTHON" > "$peers/python" # a link would lose the environment
chmod +x "$peers/python"
(
  cd "$peers"
  npm pack --silent "@node-llama-cpp/linux-x64@$llama" > npm.log
  rm -rf llama.cpp
  mkdir llama.cpp
  tar -xzf "node-llama-cpp-linux-x64-$llama.tgz" -C llama.cpp --strip-components=3 package/bins/linux-x64
)
if [ -n "${JLAMA_JAVA:-}" ]; then
  mvn -q -B -ntp -f jlama-pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.10.0:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$peers/jlama"
  printf '#!/bin/sh\nexec "%s" -Xmx8g --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -cp "%s/jlama/*" "$@"\n' \
    "$JLAMA_JAVA" "$peers" > "$peers/jlama-java"
  chmod +x "$peers/jlama-java"
fi
echo "peers are in $peers"
