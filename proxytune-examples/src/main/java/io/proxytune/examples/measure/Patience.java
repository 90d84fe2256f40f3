package io.proxytune.examples.measure;

/**
 * A text that a regular expression may look at so often and no oftener: some expressions go back
 * and forth for ever. For one thread.
 */
final class Patience implements CharSequence {
  private static final long LOOKS = 20_000_000;

  private final CharSequence text;
  private long looks;

  Patience(CharSequence text) {
    this.text = text;
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public char charAt(int index) {
    if (++looks > LOOKS) {
      throw new IllegalArgumentException(
          "a regular expression looked at an answer of "
              + text.length()
              + " characters more than "
              + LOOKS
              + " times: write it so that it need not go back so often");
    }
    return text.charAt(index);
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.subSequence(start, end);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
