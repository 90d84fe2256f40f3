/** What the API's own packages share; exported to no one. */
@NullMarked
package io.proxytune.internal;

import org.jspecify.annotations.NullMarked;
