package io.millrace.loadtest.srt;

import picocli.CommandLine.Command;

/** {@code srt}: the SRT measurements. */
@Command(
    name = "srt",
    mixinStandardHelpOptions = true,
    description = "SRT under loss and load, Millrace beside libsrt.",
    subcommands = {LossCommand.class, CpuCommand.class, LoadCommand.class})
public final class SrtCommand {}
