"""Answers to the blanks of 02_activations."""

from tests.answers import Answers

ANSWERS = {
    "relu": Answers(
        wrong=[
            "return np.abs(a)",
            "return np.minimum(a, 0)",
            "return np.clip(a, 0, 1)",
            "return a.max(0)",
            "return np.where(a < 0, np.zeros(a.shape), a)",  # turns float32 into float64
            # writes into the input
            """
            a[a < 0] = 0
            return a
            """,
        ],
        right=["return np.where(a > 0, a, 0)", "return a.clip(0)"],
    ),
    "leaky-relu": Answers(
        wrong=[
            "return np.maximum(a, a * negative_slope)",  # not above a slope of 1
            "return np.maximum(a, 0) - negative_slope * np.minimum(a, 0)",
            "return np.where(a > 0, a, negative_slope)",
            "return np.where(a > 0, a * negative_slope, a)",
            "return np.where(a > 0, a, a * 0.1)",
        ],
        right=[
            "return np.where(a > 0, a, negative_slope * a)",
            "return np.maximum(a, 0) + negative_slope * np.minimum(a, 0)",
        ],
    ),
    "leaky-layer": Answers(
        wrong=[
            {"__init__": "self.negative_slope = 0.01"},
            {"__init__": "type(self).negative_slope = negative_slope"},  # one for all layers
            {"forward": "return leaky_relu(x)"},
            {"forward": "return LeakyReLU(self.negative_slope)"},
            {"extra_repr": "return str(self.negative_slope)"},
            {"extra_repr": 'return f"LeakyReLU(negative_slope={self.negative_slope})"'},
        ],
        right=[
            {
                "__init__": """
                    super().__init__()
                    self.negative_slope = float(negative_slope)
                """,
                "forward": """
                    slope = self.negative_slope
                    return LeakyReLUFunction.apply(x, negative_slope=slope)
                """,
                "extra_repr": 'return "negative_slope=" + str(self.negative_slope)',
            }
        ],
    ),
    "slope": Answers(
        wrong=[
            "return (function(x + step) - function(x)) / step",
            "return (function(x + step) - function(x - step)) / step",
            "return (function(x - step) - function(x + step)) / (2 * step)",
            "return function(x + step) - function(x - step) / (2 * step)",
            "return (function(x + 1e-4) - function(x - 1e-4)) / 2e-4",
            """
            x = x.float()
            return (function(x + step) - function(x - step)) / (2 * step)
            """,
        ],
        right=[
            "return (function(x + step) * 0.5 - function(x - step) * 0.5) * (1 / step)",
        ],
    ),
    "sigmoid": Answers(
        wrong=[
            "output = 1 / (1 + np.exp(-a))",  # warns
            "output = 1 / (1 + np.exp(a))",
            "output = np.exp(a) / (1 + np.exp(a))",
            "output = 0.5 * np.tanh(0.5 * a) + 0.5",  # 0 instead of small
            "output = 1 / (1 + np.exp(-np.clip(a, -10, 10)))",
            "output = 1 / (1 + np.exp(-np.clip(a, -80, 80), dtype=np.float64))",
            # writes into the input
            """
            np.maximum(a, -88, out=a)
            output = 1 / (1 + np.exp(-a))
            """,
        ],
        right=[
            """
            small = np.exp(-np.abs(a))
            output = np.where(a >= 0, 1, small) / (1 + small)
            """,
            "output = np.exp(-np.logaddexp(0, -a))",
        ],
    ),
    "horner": Answers(
        wrong=[
            # lowest power first
            """
            result = np.full_like(t, coefficients[-1])
            for coefficient in coefficients[-2::-1]:
                result = result * t + coefficient
            return result
            """,
            # one multiplication too many
            """
            result = np.zeros_like(t)
            for coefficient in coefficients:
                result = (result + coefficient) * t
            return result
            """,
            # forgets the last coefficient
            """
            result = np.full_like(t, coefficients[0])
            for coefficient in coefficients[1:-1]:
                result = result * t + coefficient
            return result * t
            """,
            "return np.polyval(coefficients, t)",  # float32 becomes float64
            # writes into t
            """
            powers = t
            result = np.full_like(t, coefficients[-1])
            for coefficient in coefficients[-2::-1]:
                result += coefficient * powers
                powers *= t
            return result
            """,
        ],
        right=[
            "return sum(c * t**k for k, c in enumerate(reversed(coefficients))) + 0 * t",
            "return np.polyval(np.asarray(coefficients, t.dtype), t)",
        ],
    ),
    "gelu": Answers(
        wrong=[
            "return np.maximum(a, 0) + distance * tail",
            "return a * (1 - tail)",
            "return a * tail",
            "return np.maximum(a, 0) - tail",
            "return np.maximum(a, 0) - a * tail",
        ],
        right=[
            "return distance * np.where(a > 0, 1 - tail, -tail) + (a - a.clip(-40, 40)).clip(0)",
        ],
    ),
    "gelu-tanh": Answers(
        wrong=[
            "gate = np.tanh(math.sqrt(2 / math.pi) * (a + 0.044715 * a * a))",
            "gate = np.tanh(math.sqrt(2 / math.pi) * a + 0.044715 * a * a * a)",
            "gate = np.tanh(2 / math.pi * (a + 0.044715 * a * a * a))",
            "gate = np.tanh(math.sqrt(2 * math.pi) * (a + 0.044715 * a * a * a))",
            "gate = 1 / (1 + np.exp(-1.702 * a))",
            # float64 throughout
            "gate = np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a * a * a))",
        ],
        right=[
            "gate = np.tanh(float(np.sqrt(2 / np.pi)) * (a + 0.044715 * a**3))",
        ],
    ),
    "softmax": Answers(
        wrong=[
            "output = np.exp(a) / np.exp(a).sum(axis=dim, keepdims=True)",
            # one maximum for all rows
            """
            output = np.exp(a - a.max())
            output /= output.sum(axis=dim, keepdims=True)
            """,
            # one sum for all rows
            """
            output = np.exp(a - a.max(axis=dim, keepdims=True))
            output /= output.sum()
            """,
            # always the last dimension
            """
            output = np.exp(a - a.max(axis=-1, keepdims=True))
            output /= output.sum(axis=-1, keepdims=True)
            """,
            # loses the dimension
            """
            output = np.exp(a - a.max(axis=dim))
            output = output / output.sum(axis=dim)
            """,
            # subtracts the smallest
            """
            output = np.exp(a - a.min(axis=dim, keepdims=True))
            output /= output.sum(axis=dim, keepdims=True)
            """,
            # writes into the input
            """
            a -= a.max(axis=dim, keepdims=True)
            output = np.exp(a)
            output /= output.sum(axis=dim, keepdims=True)
            """,
        ],
        right=[
            """
            largest = np.max(a, axis=dim, keepdims=True)
            log_total = np.log(np.sum(np.exp(a - largest), axis=dim, keepdims=True))
            output = np.exp(a - largest - log_total)
            """,
        ],
    ),
    "log-softmax": Answers(
        wrong=[
            # the logarithm of softmax
            """
            output = np.exp(a - a.max(axis=dim, keepdims=True))
            output = np.log(output / output.sum(axis=dim, keepdims=True))
            """,
            # the same, with a floor
            """
            output = np.exp(a - a.max(axis=dim, keepdims=True))
            output = np.log(output / output.sum(axis=dim, keepdims=True) + 1e-9)
            """,
            # no shift
            "output = a - np.log(np.exp(a).sum(axis=dim, keepdims=True))",
            # forgets that the sum was shifted
            """
            shifted = a - a.max(axis=dim, keepdims=True)
            output = a - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
            """,
            # one maximum for all rows
            """
            output = a - a.max()
            output = output - np.log(np.exp(output).sum(axis=dim, keepdims=True))
            """,
            # always the last dimension
            """
            output = a - a.max(axis=-1, keepdims=True)
            output = output - np.log(np.exp(output).sum(axis=-1, keepdims=True))
            """,
            # the other base
            """
            output = a - a.max(axis=dim, keepdims=True)
            output = output - np.log2(np.exp(output).sum(axis=dim, keepdims=True))
            """,
        ],
        right=["output = a - np.logaddexp.reduce(a, axis=dim, keepdims=True)"],
    ),
}
