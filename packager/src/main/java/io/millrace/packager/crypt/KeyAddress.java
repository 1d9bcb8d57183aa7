package io.millrace.packager.crypt;

import java.util.UUID;

/**
 * Where players get the keys of a stream whose keys the server gives out itself.
 *
 * @param license URL of the ClearKey licence endpoint, relative to the host; empty where another
 *     server gives licences
 * @param keyPrefix URL of a key in 16 bytes, without the key's name at its end; empty where there
 *     is none
 */
public record KeyAddress(String license, String keyPrefix) {
  /** Licences come from somewhere else, as the key server says. */
  public static final KeyAddress ELSEWHERE = new KeyAddress("", "");

  /** URL of one key. */
  public String key(UUID kid) {
    return keyPrefix + kid;
  }
}
