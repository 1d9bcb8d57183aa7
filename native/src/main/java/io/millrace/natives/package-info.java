/**
 * JNI shims over native libraries: handles, primitives and addresses, no policy. The C side lies in
 * {@code native/src/main/c}.
 */
@NullMarked
package io.millrace.natives;

import org.jspecify.annotations.NullMarked;
