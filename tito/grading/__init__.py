"""Collect, grade, give feedback, export marks: over nbgrader's own formats and gradebook.

`grading/` is an nbgrader course with one assignment a module, so nbgrader's formgrader opens it
and shows the same marks:

    source/ release/        made from nbs/ when it is needed
    submitted/S/01_tensor/  what student S handed in; replaced/ keeps what was handed in before
    autograded/             made by `tito grade`: the run that was marked, for instructors only
    shown/                  made by `tito grade`: a run without the hidden tests, for students
    feedback/               made by `tito feedback` from shown/ and the marks
    gradebook.db            nbgrader's marks; backups/ keeps it as it was before each batch
    ungraded.json           what cannot be graded, and why
"""
