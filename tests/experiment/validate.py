"""Validates experiment files against the JSON Schema of `duel schema`, as an editor would.

validate.py SCHEMA FILE...: prints what is wrong, a line each. Exit code 77: a module is missing.
"""
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(missing)
    sys.exit(77)


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors use: 1e-4 is a number, no is a text."""


CoreLoader.yaml_implicit_resolvers = {}
CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"), None
)
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), None)
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|)$"), None)


def number(loader, node):
    text = loader.construct_scalar(node)
    return int(text) if text.lstrip("+-").isdigit() else float(text)


CoreLoader.add_constructor("tag:yaml.org,2002:float", number)

schema = yaml.safe_load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
wrong = 0
for name in sys.argv[2:]:
    for error in validator.iter_errors(yaml.load(open(name), CoreLoader)):
        deepest = jsonschema.exceptions.best_match([error])
        print(f"{name}: {'/'.join(map(str, error.absolute_path))}: {deepest.message[:200]}")
        wrong += 1
sys.exit(1 if wrong else 0)
