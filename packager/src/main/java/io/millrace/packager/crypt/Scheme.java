package io.millrace.packager.crypt;

/** How media is encrypted. */
public enum Scheme {
  /**
   * AES-CTR of samples' protected ranges, an IV for each sample (ISO/IEC 23001-7 §10.1). HLS and
   * DASH.
   */
  CENC,

  /**
   * AES-CBC of samples, one block of ten in video, one IV for all (ISO/IEC 23001-7 §10.4). HLS and
   * DASH.
   */
  CBCS,

  /** AES-CBC of whole segments (RFC 8216bis §4.4.4.4). HLS only, without parts. */
  AES_128;

  /** True where samples are encrypted, and init segments say how. */
  public boolean isCommonEncryption() {
    return switch (this) {
      case CENC, CBCS -> true;
      case AES_128 -> false;
    };
  }

  /** The scheme's four-character code. */
  public String fourCc() {
    return switch (this) {
      case CENC -> "cenc";
      case CBCS -> "cbcs";
      case AES_128 -> throw new IllegalStateException("AES-128 has no scheme type");
    };
  }
}
