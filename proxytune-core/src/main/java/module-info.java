/** ProxyTune over LibTorch: loads Hugging Face checkpoint folders and decodes with them. */
// The tokenizers library has no module descriptor, nor have the frameworks that there are adapters
// for.
@SuppressWarnings("requires-automatic")
module io.proxytune.core {
  requires ai.djl.tokenizers;
  requires com.fasterxml.jackson.databind;
  requires com.google.common;
  requires transitive io.proxytune;
  requires java.net.http;
  requires org.bytedeco.openblas;
  requires org.bytedeco.pytorch;
  requires static langchain4j.core;
  requires static micrometer.core;
  requires static transitive org.jspecify;
  requires static org.reactivestreams;
  requires static reactor.core;
  requires static spring.ai.commons;
  requires static spring.ai.model;
  requires org.slf4j;

  exports io.proxytune.core;
  exports io.proxytune.core.chat;
  exports io.proxytune.core.fit;
  exports io.proxytune.core.langchain4j;
  exports io.proxytune.core.micrometer;
  exports io.proxytune.core.offsets;
  exports io.proxytune.core.remote;
  exports io.proxytune.core.springai;
  exports io.proxytune.core.training;
  exports io.proxytune.core.vocabulary;

  provides io.proxytune.spi.ProxyTunerProvider with
      io.proxytune.core.CoreTunerProvider;
}
