/** More streams than the machine can encode: what is given up, in which order, and who notices. */
@NullMarked
package io.millrace.loadtest.overload;

import org.jspecify.annotations.NullMarked;
