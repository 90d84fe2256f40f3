package io.proxytune.core.torch.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.core.torch.NativeMemory;
import io.proxytune.core.torch.TorchScope;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("processor")
class ScriptTest {
  private static final String WEIGHTED_SUM =
      """
      class Sum(Module):
        __parameters__ = []
        __buffers__ = []
        def forward(self: __torch__.Sum, x: List[Tensor], weights: List[int]) -> Tensor:
          sum = x[0] * weights[0]
          for i in range(1, len(x)):
            sum = sum.add_(x[i] * weights[i])
          return sum
      """;

  private static final String PRODUCT =
      """
      class Product(Module):
        __parameters__ = []
        __buffers__ = []
        def forward(self: __torch__.Product, x: Tensor, y: Tensor) -> Tensor:
          return torch.mm(x, y)
      """;

  private static void append(IValue list, IValue value) {
    try (GenericList values = list.toList()) {
      values.push_back(value);
    }
  }

  private static float run(Script script, int count) {
    IValue tensors = script.emptyList(0);
    IValue weights = script.emptyList(1);
    for (int i = 1; i <= count; i++) {
      append(tensors, new IValue(torch.ones(2, 3)));
      append(weights, new IValue((long) i));
    }
    return script.call(tensors, weights).max().item_float();
  }

  @Test
  void runsWithListsOfAnyLength() {
    try (TorchScope scope = TorchScope.open();
        Script script = Script.compile("Sum", WEIGHTED_SUM)) {
      assertThat(run(script, 1)).isEqualTo(1);
      assertThat(run(script, 4)).isEqualTo(10);
    }
  }

  @Test
  void anOperatorsErrorIsToldWithoutTheTraceback() {
    try (TorchScope scope = TorchScope.open();
        Script script = Script.compile("Product", PRODUCT)) {
      IValue x = new IValue(torch.ones(2, 3));
      assertThatThrownBy(() -> script.call(x, x))
          .isInstanceOf(RuntimeException.class)
          .hasMessageStartingWith("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)");
      IValue y = new IValue(torch.ones(3, 4));
      assertThat(script.call(x, y).max().item_float()).isEqualTo(3);
    }
  }

  @Test
  void anOperatorThatThisLibTorchLacksIsNamed() {
    String unknown = PRODUCT.replace("torch.mm", "ops.mkldnn.no_such_operator");
    try (TorchScope scope = TorchScope.open()) {
      assertThatThrownBy(() -> Script.compile("Product", unknown))
          .hasMessageContaining("mkldnn::no_such_operator");
    }
  }

  @Test
  void theThreadsOwnSettingStaysAsItWas() {
    try (TorchScope scope = TorchScope.open();
        Script script = Script.compile("Sum", WEIGHTED_SUM)) {
      assertThat(torch.getGraphExecutorOptimize()).isTrue();
      run(script, 1);
      assertThat(torch.getGraphExecutorOptimize()).isTrue();
    }
  }

  @Test
  void closingGivesEverythingBack() {
    long before = 0;
    for (int i = 0; i < 5; i++) {
      try (TorchScope scope = TorchScope.open();
          Script script = Script.compile("Sum", WEIGHTED_SUM)) {
        run(script, 2);
      }
      if (i == 0) {
        before = NativeMemory.objects();
      }
    }
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(before);
  }
}
