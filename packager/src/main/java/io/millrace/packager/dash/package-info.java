/** DASH manifests (ISO/IEC 23009-1) as pure functions of what is to be listed. */
@NullMarked
package io.millrace.packager.dash;

import org.jspecify.annotations.NullMarked;
