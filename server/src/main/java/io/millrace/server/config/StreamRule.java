package io.millrace.server.config;

/** One entry of {@code streams}: the policy of every stream that matches the pattern. */
public record StreamRule(StreamPattern pattern, StreamPolicy policy) {}
