/** Text that is shown with the picture: cues, WebVTT in and out, and what is still to be said. */
@NullMarked
package io.millrace.packager.text;

import org.jspecify.annotations.NullMarked;
