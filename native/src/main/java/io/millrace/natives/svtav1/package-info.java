/**
 * SVT-AV1's own encoder API, opened at run time: any {@code libSvtAv1Enc} from 1.4 to 4.x. See
 * {@code svtav1_abi.h} for what is assumed of its binary interface.
 */
@NullMarked
package io.millrace.natives.svtav1;

import org.jspecify.annotations.NullMarked;
