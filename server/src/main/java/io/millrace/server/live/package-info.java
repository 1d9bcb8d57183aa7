/**
 * A publisher's events become one continuous stream: segment boundaries, continuity over
 * reconnects, and subscriptions that never hold the publisher up.
 */
@NullMarked
package io.millrace.server.live;

import org.jspecify.annotations.NullMarked;
