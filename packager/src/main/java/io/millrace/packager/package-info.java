@NullMarked
package io.millrace.packager;

import org.jspecify.annotations.NullMarked;
