package io.proxytune.examples.runtime;

import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;

/**
 * What is timed: immutable.
 *
 * @param name for people
 * @param id for programs
 * @param tuner what decodes; it must keep nothing of earlier prompts, which are all the same
 * @param speculation whether tokens are drafted
 */
public record RuntimeSystem(String name, String id, ProxyTuner tuner, Speculation speculation) {}
