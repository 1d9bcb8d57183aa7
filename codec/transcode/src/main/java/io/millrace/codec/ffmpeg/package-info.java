/**
 * The engines that come with the FFmpeg bundle, through JavaCPP's raw API: decoders, x264 (or
 * OpenH264), the bundled SVT-AV1, AAC, scaling and resampling. libavdevice is never touched.
 */
@NullMarked
package io.millrace.codec.ffmpeg;

import org.jspecify.annotations.NullMarked;
