/** Reading and writing files with care. */
@NullMarked
package io.proxytune.core.files;

import org.jspecify.annotations.NullMarked;
