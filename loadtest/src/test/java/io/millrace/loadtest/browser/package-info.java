/** Real players in a real Chromium: hls.js, Shaka Player, dash.js and the server's own page. */
@NullMarked
package io.millrace.loadtest.browser;

import org.jspecify.annotations.NullMarked;
