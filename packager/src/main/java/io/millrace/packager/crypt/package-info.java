/**
 * Protection of media: Common Encryption (ISO/IEC 23001-7) of samples, AES-128 of whole segments
 * (RFC 8216bis §4.4.4.4), and the keys for both, by crypto periods.
 *
 * <p>Encryption fails closed: what cannot be mapped is not published.
 */
@NullMarked
package io.millrace.packager.crypt;

import org.jspecify.annotations.NullMarked;
