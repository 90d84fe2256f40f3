package io.proxytune.core.decode;

import io.proxytune.TokenLogprobs;
import org.jspecify.annotations.Nullable;

/**
 * A token that was picked and not given to the reader yet.
 *
 * @param id its id
 * @param logprobs its report, if one was asked for
 * @param drafted how many tokens were drafted for the step; 0 where another token counts them
 * @param kept whether it was drafted itself, so that every model has read it
 */
record Picked(int id, @Nullable TokenLogprobs logprobs, int drafted, boolean kept) {}
