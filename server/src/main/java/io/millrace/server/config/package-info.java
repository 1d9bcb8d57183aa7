/**
 * The configuration: one YAML file and {@code --set} overrides, read by one table ({@link
 * io.millrace.server.config.Schema}) that also gives the defaults, the checks and {@code
 * docs/configuration.md}, into immutable records ({@link io.millrace.server.config.Config}).
 */
@NullMarked
package io.millrace.server.config;

import org.jspecify.annotations.NullMarked;
