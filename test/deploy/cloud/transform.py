"""SAM's transform for moto's CloudFormation, which has none: a template is
translated by SAM's own translator, with the defaults of its parameters."""

import json

import yaml
from moto.cloudformation.models import ChangeSet, Stack
from moto.cloudformation.utils import yaml_tag_constructor
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def translate(text):
    """Returns the template in the text, translated if it asks to be."""
    yaml.add_multi_constructor("", yaml_tag_constructor)
    template = yaml.load(text, Loader=yaml.Loader)
    if "Transform" not in template:
        return template
    defaults = {name: p.get("Default") for name, p in template.get("Parameters", {}).items()}
    # As text and back, since the translator lets parts of it be one object.
    translated = json.loads(json.dumps(Translator({}, Parser()).translate(template, defaults)))
    translated.pop("Transform", None)
    return translated


def parse_change_set(change_set):
    change_set.template_dict = translate(change_set.template)


def install():
    """Has every template translated."""
    Stack.parse_template = staticmethod(translate)
    ChangeSet._parse_template = parse_change_set
