/**
 * The bodies of FLV tags, which are also the bodies of RTMP audio and video messages (Adobe Flash
 * Video File Format Specification v10.1, Annex E.4; Enhanced RTMP v2, veovera.org).
 */
@NullMarked
package io.millrace.media.flv;

import org.jspecify.annotations.NullMarked;
