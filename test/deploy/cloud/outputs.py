"""A stack's outputs and exports after a change set, which moto resolves only
for stacks that are made without one."""

from moto.cloudformation.models import ChangeSet, cloudformation_backends


def apply(change_set):
    stack = change_set.stack
    stack.resource_map.update(change_set.template_dict, change_set.parameters)
    stack.template_dict = change_set.template_dict
    stack.output_map = stack._create_output_map()
    backend = cloudformation_backends[stack.account_id][stack.region_name]
    backend.exports.update({export.name: export for export in stack.exports})


def install():
    """Has every change set end so."""
    ChangeSet.apply = apply
