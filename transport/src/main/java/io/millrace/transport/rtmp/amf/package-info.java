/**
 * Action Message Format 0 and 3 (Adobe AMF 0, 2007; AMF 3, 2013), to and from plain data. No class
 * is ever looked up: a typed object becomes its properties, an externalizable one is refused.
 */
@NullMarked
package io.millrace.transport.rtmp.amf;

import org.jspecify.annotations.NullMarked;
