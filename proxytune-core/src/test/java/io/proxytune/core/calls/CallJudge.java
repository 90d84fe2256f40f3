package io.proxytune.core.calls;

import io.proxytune.ProxyTuneException;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** Tells documented exceptions from all others. */
final class CallJudge {
  private static final Pattern STATES =
      Pattern.compile(
          "(is|are) closed|closed while generating|in use by another thread|is being read by"
              + "|being decoded by this very call|has no tokenizer");
  private static final Pattern FOREIGN = Pattern.compile("NULL|null|LibTorch|javacpp|aten");

  private CallJudge() {}

  static void judge(Throwable e, CallOutcome outcome) {
    if ((e instanceof ExecutionException || e instanceof CompletionException)
        && e.getCause() != null) {
      judge(e.getCause(), outcome);
    } else if (isDocumented(e)) {
      outcome.count(e.getClass().getSimpleName());
    } else {
      StackTraceElement[] trace = e.getStackTrace();
      outcome.violation(e + (trace.length == 0 ? "" : " at " + trace[0]));
    }
  }

  private static boolean isDocumented(Throwable e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof IllegalStateException) {
      return e instanceof CancellationException || STATES.matcher(message).find();
    }
    if (e instanceof IllegalArgumentException || e instanceof ProxyTuneException) {
      return e.getMessage() != null && !FOREIGN.matcher(message).find();
    }
    return e instanceof NoSuchElementException
        || e instanceof TimeoutException
        || e instanceof InterruptedException
        || (e instanceof IndexOutOfBoundsException && message.contains("row"));
  }
}
