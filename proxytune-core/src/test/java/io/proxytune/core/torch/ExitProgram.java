package io.proxytune.core.torch;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Has work done again and again, and prints when each begins and ends, until it is told to end. It
 * may have a shutdown hook that needs three more.
 */
final class ExitProgram {
  private static final CountDownLatch more = new CountDownLatch(3);
  private static volatile boolean ends;

  private ExitProgram() {}

  public static void main(String[] args) {
    Duration work = Duration.ofMillis(Long.parseLong(args[0]));
    if (args.length > 1) {
      Runtime.getRuntime().addShutdownHook(new Thread(ExitProgram::comeToAnEnd));
    }
    while (true) {
      ComputeThread.call(() -> doWork(work));
      if (ends) {
        more.countDown();
      }
    }
  }

  private static boolean doWork(Duration work) {
    System.out.println("begin");
    Uninterruptibles.sleepUninterruptibly(work);
    System.out.println("end");
    return true;
  }

  private static void comeToAnEnd() {
    ends = true;
    Uninterruptibles.awaitUninterruptibly(more);
    System.out.println("came to an end");
  }
}
