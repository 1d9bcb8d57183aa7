package io.millrace.server.cli;

import io.millrace.server.ServerRunner;
import java.io.InputStream;
import java.io.PrintStream;

/** What a command talks to. */
record Terminal(ServerRunner runner, InputStream in, PrintStream out, PrintStream err) {}
