#!/usr/bin/env python3
"""Shortest plan lengths and verdicts on mutated plans by planners that are not ours, for the worlds
beside this script: pyperplan 2.1 and unified-planning 1.3.0 from Python's registry.

    python3 crosscheck.py > crosscheck.tsv

length<TAB>WORLD<TAB>PROBLEM<TAB>steps        pyperplan's breadth-first search; where it does not read
                                              the domain (negative preconditions), a breadth-first
                                              search over unified-planning's simulator
verdict<TAB>WORLD<TAB>PROBLEM<TAB>solved|goal_unmet|illegal_step<TAB>step<TAB>plan, steps joined by ";"

Verdicts come from unified-planning's SequentialPlanValidator where it reads the domain (not: either,
and effects that delete and add one fact), and from pyperplan's grounded operators where that reads it
(not: negative preconditions, equality); where both do they must agree. Steps are those of a shortest
plan, one thing changed: cut off, dropped, exchanged with the next, repeated, with another object, appended.
"""
import random
import sys
from pathlib import Path

from pyperplan import grounding
from pyperplan.pddl.parser import Parser
from pyperplan.search import breadth_first_search
import unified_planning.shortcuts as up
from unified_planning.engines.sequential_simulator import UPSequentialSimulator as SequentialSimulator
from unified_planning.engines.results import FailedValidationReason
from unified_planning.io import PDDLReader
from unified_planning.model.fluent import get_all_fluent_exp
from unified_planning.plans import ActionInstance, SequentialPlan

HERE = Path(__file__).parent
BLOCKSWORLD = HERE / "../../../data/domains/blocksworld.pddl"
UP = {"gripper", "ferry", "depots", "hands", "blocks"}
PYPERPLAN = {"gripper", "ferry", "rovers", "depots", "flights", "blocks"}
MUTANTS = 40


class Pyperplan:
    def __init__(self, domain, problem):
        parser = Parser(str(domain), str(problem))
        self.task = grounding.ground(parser.parse_problem(parser.parse_domain()), False, False)
        self.operators = {op.name: op for op in self.task.operators}

    def shortest(self):
        return [tuple(op.name.strip("()").split()) for op in breadth_first_search(self.task)]

    def verdict(self, plan):
        state = self.task.initial_state
        for i, step in enumerate(plan):
            op = self.operators.get("(" + " ".join(step) + ")")
            if op is None or not op.applicable(state):
                return "illegal_step", i + 1
            state = op.apply(state)
        return ("solved" if self.task.goals <= state else "goal_unmet"), 0


class UnifiedPlanning:
    def __init__(self, domain, problem):
        self.problem = PDDLReader().parse_problem(str(domain), str(problem))
        self.names = {a.name.lower(): a for a in self.problem.actions}
        self.objects = {o.name.lower(): o for o in self.problem.all_objects}

    def instance(self, step):
        action, args = self.names[step[0]], [self.objects[o] for o in step[1:]]
        if len(args) != len(action.parameters):
            return None
        for parameter, arg in zip(action.parameters, args):
            if not parameter.type.is_compatible(arg.type):
                return None
        return ActionInstance(action, tuple(up.ObjectExp(o) for o in args))

    def validate(self, instances):
        with up.PlanValidator(problem_kind=self.problem.kind, name="sequential_plan_validator") as v:
            return v.validate(self.problem, SequentialPlan(instances))

    def verdict(self, plan):
        instances = [self.instance(step) for step in plan]
        first_wrong = next((i for i, x in enumerate(instances) if x is None), None)
        legal = instances[:first_wrong]
        result = self.validate(legal)
        if result.reason == FailedValidationReason.INAPPLICABLE_ACTION:
            # Actions may be equal: the step is found by the longest prefix that is applicable.
            for i in range(1, len(legal) + 1):
                if self.validate(legal[:i]).reason == FailedValidationReason.INAPPLICABLE_ACTION:
                    return "illegal_step", i
        if first_wrong is not None:
            return "illegal_step", first_wrong + 1
        return ("solved" if result else "goal_unmet"), 0

    def shortest(self):
        simulator = SequentialSimulator(self.problem)
        facts = []
        for fluent in self.problem.fluents:
            facts += get_all_fluent_exp(self.problem, fluent)
        key = lambda state: tuple(state.get_value(f).is_true() for f in facts)
        start = simulator.get_initial_state()
        level, seen = [(start, [])], {key(start)}
        while level:
            after = []
            for state, plan in level:
                if simulator.is_goal(state):
                    return plan
                for action, args in simulator.get_applicable_actions(state):
                    next_state = simulator.apply(state, action, args)
                    if next_state is not None and key(next_state) not in seen:
                        seen.add(key(next_state))
                        step = (action.name.lower(), *(str(a).lower() for a in args))
                        after.append((next_state, plan + [step]))
            level = after
        return None


def mutants(plan, objects, rng):
    yield plan
    for i in range(len(plan)):
        yield plan[:i]
        yield plan[:i] + plan[i + 1:]
    for _ in range(MUTANTS):
        kind, i, changed = rng.randrange(4), rng.randrange(len(plan)), list(plan)
        if kind == 0 and i + 1 < len(plan):
            changed[i], changed[i + 1] = changed[i + 1], changed[i]
        elif kind == 1:
            changed.insert(i, changed[i])
        elif kind == 2 and len(changed[i]) > 1:
            step = list(changed[i])
            step[rng.randrange(1, len(step))] = rng.choice(objects)
            changed[i] = tuple(step)
        else:
            changed.append(changed[i])
        yield changed


def main():
    up.get_environment().credits_stream = None
    print("# by crosscheck.py: kind, world, problem, ...")
    for folder in sorted(p for p in (HERE / "worlds").iterdir() if p.is_dir()):
        world = folder.name
        domain = BLOCKSWORLD if world == "blocks" else folder / "domain.pddl"
        for problem in sorted(p for p in folder.glob("*.pddl") if p.name != "domain.pddl"):
            judges = []
            if world in PYPERPLAN:
                judges.append(Pyperplan(domain, problem))
            if world in UP:
                judges.append(UnifiedPlanning(domain, problem))
            plan = judges[0].shortest()
            print("length", world, problem.stem, len(plan), sep="\t")
            reader = UnifiedPlanning(domain, problem) if world not in PYPERPLAN else None
            objects = (sorted(reader.objects) if reader else
                       sorted({o for op in judges[0].operators for o in op.strip("()").split()[1:]}))
            rng, seen = random.Random(f"{world} {problem.stem}"), set()
            for mutant in mutants(plan, objects, rng):
                text = ";".join("(" + " ".join(step) + ")" for step in mutant)
                if text in seen:
                    continue
                seen.add(text)
                verdicts = {judge.verdict(mutant) for judge in judges}
                if len(verdicts) != 1:
                    sys.exit(f"{world} {problem.stem}: {verdicts} on {text}")
                kind, step = verdicts.pop()
                print("verdict", world, problem.stem, kind, step, text, sep="\t")


main()
