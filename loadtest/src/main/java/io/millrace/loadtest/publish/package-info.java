/** Publishers: a clip in memory, sent over RTMP in real time and round and round. */
@NullMarked
package io.millrace.loadtest.publish;

import org.jspecify.annotations.NullMarked;
