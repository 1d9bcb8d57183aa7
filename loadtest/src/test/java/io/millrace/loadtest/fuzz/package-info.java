/**
 * Runs the fuzz targets, which lie beside the tests of what they feed, under Jazzer: each in a JVM
 * of its own, for seconds in every build and for as long as one likes by hand ({@code loadtest/run
 * fuzz}).
 */
@NullMarked
package io.millrace.loadtest.fuzz;

import org.jspecify.annotations.NullMarked;
