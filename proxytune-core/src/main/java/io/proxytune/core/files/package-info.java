/**
 * Reading and writing files with care: small ones that may be damaged or hostile, and those that
 * must outlive a crash.
 */
@NullMarked
package io.proxytune.core.files;

import org.jspecify.annotations.NullMarked;
