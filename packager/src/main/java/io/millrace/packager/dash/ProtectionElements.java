package io.millrace.packager.dash;

import io.millrace.packager.bmff.ProtectionSystemBox;
import io.millrace.packager.crypt.ContentKey;
import io.millrace.packager.crypt.DrmSystem;
import io.millrace.packager.crypt.KeyAddress;
import io.millrace.packager.crypt.Protection;
import io.millrace.packager.crypt.Scheme;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code ContentProtection} (ISO/IEC 23009-1 §5.8.4.1, ISO/IEC 23001-7 §11; DASH-IF IOP part 6):
 * the scheme and the key's name, {@code pssh} for DRM systems, and the licence address of ClearKey.
 *
 * <p>The common system's {@code pssh} stands in init segments only: it says no more than the key's
 * name, and dash.js takes one in a manifest for a list of names in JSON.
 *
 * @param scheme null where nothing is encrypted
 */
public record ProtectionElements(@Nullable Scheme scheme, KeyAddress address) {
  private static final String CLEAR_KEY = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e";
  private static final String ELEMENT = "ContentProtection";

  public static ProtectionElements of(@Nullable Protection protection) {
    return protection == null
        ? new ProtectionElements(null, KeyAddress.ELSEWHERE)
        : new ProtectionElements(protection.scheme(), protection.address());
  }

  /** Attributes of the root element. */
  void namespaces(Xml xml) {
    if (scheme != null) {
      xml.attribute("xmlns:cenc", "urn:mpeg:cenc:2013");
      xml.attribute("xmlns:dashif", "https://dashif.org/CPS");
    }
  }

  /**
   * Elements of an adaptation set.
   *
   * @param key of its media; null: clear
   */
  void append(Xml xml, @Nullable ContentKey key) {
    if (key == null || scheme == null) {
      return;
    }
    xml.open(ELEMENT).attribute("schemeIdUri", "urn:mpeg:dash:mp4protection:2011");
    xml.attribute("value", scheme.fourCc());
    xml.attribute("cenc:default_KID", key.kid()).close(ELEMENT);
    for (DrmSystem each : key.systems()) {
      if (each.pssh().length > 0 && !each.id().equals(ProtectionSystemBox.COMMON)) {
        system(xml, each.id(), each.pssh());
      }
    }
    if (!address.license().isEmpty()) {
      xml.open(ELEMENT).attribute("schemeIdUri", CLEAR_KEY).attribute("value", "ClearKey1.0");
      if (address.license().contains("://")) {
        xml.text(
            "dashif:Laurl", address.license()); // players would resolve a path against the page
      }
      xml.close(ELEMENT);
    }
  }

  private static void system(Xml xml, UUID id, byte[] pssh) {
    xml.open(ELEMENT).attribute("schemeIdUri", "urn:uuid:" + id);
    xml.text("cenc:pssh", Base64.getEncoder().encodeToString(pssh)).close(ELEMENT);
  }
}
