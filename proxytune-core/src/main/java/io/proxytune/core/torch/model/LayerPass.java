package io.proxytune.core.torch.model;

/**
 * A pass through one layer. Lives as long as the pass.
 *
 * @param batch what all layers share
 * @param index the layer's number
 */
record LayerPass(RaggedBatch batch, int index) {
  /**
   * A linear layer with what adapters add to it in this pass.
   *
   * @param group its place among the layer's linear layers that an adapter can add to
   */
  Linear adapted(Linear linear, int group) {
    return AdapterRows.adapt(linear, batch.adapters(), weights -> weights.part(index, group));
  }
}
