#!/bin/sh
# Brings the peers that SideBySide compares with: transformers in a Python environment of its own, and llama.cpp's libraries as npm has
# them built. Nothing of the build needs it. PYTHON names another Python; with PEERS_PYTHON one that has torch, transformers, numpy and
# gguf already is taken, and no environment is made.
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
echo "peers are in $peers"
