/** The command line: subcommands, exit codes and messages for the person who typed them. */
@NullMarked
package io.millrace.server.cli;

import org.jspecify.annotations.NullMarked;
