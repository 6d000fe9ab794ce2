"""For every blank: plausible wrong answers and an unusual right one.

The wrong ones must lose the blank's points, and the right one keep them. There is one
file per module, named as the module is (`tests/answers/tensor.py`):

    from tests.answers import Answers

    ANSWERS = {
        "mul": Answers(                      # the blank's grade id
            wrong=["return a + b", "return a @ b", "return a"],
            right=["return np.multiply(b, a)"],
        ),
        "linear": Answers(                   # several regions in the cell: by method
            wrong=[
                {"forward": "return x @ self.weight + self.bias"},
                ...
            ],
            right=[{"__init__": '''
                bound = in_features**-0.5
                self.weight = Parameter(uniform(-bound, bound))
            ''', "forward": "return x.matmul(self.weight.T) + self.bias"}],
        ),
    }

An answer is what a student writes in place of the region, at any indentation; a method that it
doesn't name stays as the reference has it. Write mistakes that students make (the wrong axis, a
forgotten edge case, a sign), each different in what it does from the others: at least three wrong
answers and one right for every blank.

    python -m tests.answers tensor          what each check says to each answer, and what is amiss
    python -m tests.answers tensor mul sum  the same for these blanks only
    pytest tests/test_answers.py -k tensor  only what is amiss
"""

from dataclasses import dataclass

Answer = str | dict[str, str]


@dataclass(frozen=True)
class Answers:
    """What a teacher expects students to write in one blank."""

    wrong: list[Answer]
    right: list[Answer]
