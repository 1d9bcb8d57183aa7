package io.millrace.packager.crypt;

import java.util.UUID;

/**
 * What players with one DRM system need for a key.
 *
 * @param id the system's
 * @param pssh a whole {@code pssh} box; empty where there is none; shared, read-only
 * @param hlsMedia tags for a media playlist, a line each; empty where there are none
 * @param hlsMaster tags for a multivariant playlist, a line each; empty where there are none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record DrmSystem(UUID id, byte[] pssh, String hlsMedia, String hlsMaster) {
  @Override
  public String toString() {
    return "DRM system " + id;
  }
}
