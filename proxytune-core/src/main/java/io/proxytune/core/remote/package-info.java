/**
 * Models that live elsewhere: {@link io.proxytune.core.remote.RemoteModels} connects to servers
 * that give a base's log-probabilities, which experts on this machine steer.
 */
@NullMarked
package io.proxytune.core.remote;

import org.jspecify.annotations.NullMarked;
