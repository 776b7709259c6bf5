"""Secure-Attend's entry point: `python app.py --help`.

This file is read by whichever Python it is given, so it keeps to what all of them can parse; the start itself is in
secure_attend/start.py.
"""

import sys

if sys.version_info < (3, 10):
    sys.exit(
        "Secure-Attend needs Python 3.10 or later; this is Python %d.%d. Start it with a newer one, for example: "
        "python3.12 app.py" % sys.version_info[:2]
    )

from importlib.util import find_spec

PACKAGES = [
    "alembic", "apiflask", "argon2", "cryptography", "cv2", "deepface", "dlib", "face_recognition_models",
    "filelock", "flask", "flask_cors", "h11", "numpy", "onnx", "onnxruntime", "pandas", "platformdirs",
    "prometheus_client", "psycopg", "pydantic", "requests", "retinaface", "sqlalchemy", "tqdm", "tzlocal",
    "uvicorn", "zxcvbn",
]  # fmt: skip

missing = [name for name in PACKAGES if find_spec(name) is None]
if missing:
    sys.exit(
        "Not installed: %s. Install all that is needed with `make run`, or with: %s -m pip install -r requirements.txt"
        % (", ".join(missing), sys.executable or "python")
    )

from secure_attend.start import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
