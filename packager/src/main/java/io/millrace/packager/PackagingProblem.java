package io.millrace.packager;

/**
 * A segment that could not be made: it is listed as missing and the stream goes on with the next
 * one. The source's fault, except where the reason says otherwise.
 *
 * @param rendition where
 * @param sequence media sequence number that is used up
 * @param reason for the log, such as {@code "no key frame for 30 s"}
 */
public record PackagingProblem(String rendition, long sequence, String reason) {}
