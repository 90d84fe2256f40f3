/** Who may use what must be freed, and what happens to what nobody freed. Knows no native code. */
@NullMarked
package io.proxytune.core.lifetime;

import org.jspecify.annotations.NullMarked;
