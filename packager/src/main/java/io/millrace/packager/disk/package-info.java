/** What everything that writes files shares: a bounded queue in front of the disk, safe names. */
@NullMarked
package io.millrace.packager.disk;

import org.jspecify.annotations.NullMarked;
