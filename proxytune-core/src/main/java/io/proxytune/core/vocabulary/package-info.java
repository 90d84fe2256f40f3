/**
 * Vocabularies of models that are to steer each other: how they relate, and models whose ids are
 * numbered anew.
 */
@NullMarked
package io.proxytune.core.vocabulary;

import org.jspecify.annotations.NullMarked;
