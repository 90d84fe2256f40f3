/** Needs nothing but the core, which brings the API along. */
module consumer {
  requires io.proxytune.core;
}
