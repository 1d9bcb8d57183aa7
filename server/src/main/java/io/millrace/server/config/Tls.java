package io.millrace.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The certificate for HTTPS and RTMPS: both files or neither. With neither, a self-signed one is
 * made once and kept in {@code data.dir}.
 *
 * @param certificate PEM chain, leaf first
 * @param key PEM private key
 */
public record Tls(@Nullable Path certificate, @Nullable Path key) {}
