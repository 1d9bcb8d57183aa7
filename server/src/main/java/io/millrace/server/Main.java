package io.millrace.server;

import io.millrace.server.cli.MillraceCommand;

/** {@code millrace}: the command line. */
public final class Main {
  private Main() {}

  /** Exit codes: 0 fine, 1 failed, 2 bad usage or bad configuration. */
  public static void main(String[] args) {
    int code = MillraceCommand.execute(new Millrace(), args, System.in, System.out, System.err);
    System.out.flush();
    System.exit(code);
  }
}
