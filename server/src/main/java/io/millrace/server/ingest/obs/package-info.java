/**
 * OBS's multitrack configuration exchange: before it streams, OBS posts what its machine can do and
 * is told what to encode. The names are those of {@code
 * frontend/utility/models/multitrack-video.hpp} in obs-studio.
 */
@NullMarked
package io.millrace.server.ingest.obs;

import org.jspecify.annotations.NullMarked;
