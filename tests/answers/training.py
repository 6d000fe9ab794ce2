"""Answers to the blanks of 07_training."""

from tests.answers import Answers

ANSWERS = {
    "scheduler-step": Answers(
        wrong=[
            # asks before it counts
            """
            lrs = self.get_lr()
            self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
            for group, lr in zip(self.optimizer.param_groups, lrs):
                group["lr"] = lr
            """,
            # takes 0 for none
            """
            self.last_epoch = epoch or self.last_epoch + 1
            for group, lr in zip(self.optimizer.param_groups, self.get_lr()):
                group["lr"] = lr
            """,
            # the first group's answer for all
            """
            self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
            for group in self.optimizer.param_groups:
                group["lr"] = self.get_lr()[0]
            """,
            # ignores epoch
            """
            self.last_epoch += 1
            for group, lr in zip(self.optimizer.param_groups, self.get_lr()):
                group["lr"] = lr
            """,
            # writes nothing
            """
            self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
            """,
            # new groups in place of the old ones
            """
            self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
            pairs = zip(self.optimizer.param_groups, self.get_lr())
            self.optimizer.param_groups = [{**group, "lr": lr} for group, lr in pairs]
            """,
        ],
        right=[
            """
            if epoch is None:
                epoch = self.last_epoch + 1
            self.last_epoch = epoch
            lrs = list(self.get_lr())
            for i, group in enumerate(self.optimizer.param_groups):
                group.update(lr=lrs[i])
            """,
        ],
    ),
    "step-lr": Answers(
        wrong=[
            # at every step
            "return [base * self.gamma**self.last_epoch for base in self.base_lrs]",
            # smoothly
            """
            factor = self.gamma ** (self.last_epoch / self.step_size)
            return [base * factor for base in self.base_lrs]
            """,
            # one step late
            """
            factor = self.gamma ** (max(self.last_epoch - 1, 0) // self.step_size)
            return [base * factor for base in self.base_lrs]
            """,
            # forgets the base
            "return [self.gamma ** (self.last_epoch // self.step_size)] * len(self.base_lrs)",
            # multiplies what is there, each time that it is asked
            """
            groups = self.optimizer.param_groups
            if self.last_epoch and self.last_epoch % self.step_size == 0:
                return [group["lr"] * self.gamma for group in groups]
            return [group["lr"] for group in groups]
            """,
            # a list in a list
            """
            return [[base * self.gamma ** (self.last_epoch // self.step_size)]
                    for base in self.base_lrs]
            """,
        ],
        right=[
            """
            lrs = list(self.base_lrs)
            for _ in range(self.step_size, self.last_epoch + 1, self.step_size):
                lrs = [lr * self.gamma for lr in lrs]
            return lrs
            """,
        ],
    ),
    "linear-lr": Answers(
        wrong=[
            # never stops
            """
            share = self.last_epoch / self.total_iters
            factor = self.start_factor + share * (self.end_factor - self.start_factor)
            return [base * factor for base in self.base_lrs]
            """,
            # only upwards to 1
            """
            share = min(self.last_epoch / self.total_iters, 1)
            factor = self.start_factor + share * (1 - self.start_factor)
            return [base * factor for base in self.base_lrs]
            """,
            # from the end to the start
            """
            share = min(self.last_epoch / self.total_iters, 1)
            factor = self.end_factor + share * (self.start_factor - self.end_factor)
            return [base * factor for base in self.base_lrs]
            """,
            # there one step early
            """
            share = min((self.last_epoch + 1) / self.total_iters, 1)
            factor = self.start_factor + share * (self.end_factor - self.start_factor)
            return [base * factor for base in self.base_lrs]
            """,
            # forgets the base
            """
            share = min(self.last_epoch / self.total_iters, 1)
            factor = self.start_factor + share * (self.end_factor - self.start_factor)
            return [factor for base in self.base_lrs]
            """,
        ],
        right=[
            """
            def at(base):
                ends = base * self.start_factor, base * self.end_factor
                return float(np.interp(self.last_epoch, [0, self.total_iters], ends))
            return [at(base) for base in self.base_lrs]
            """,
        ],
    ),
    "cosine": Answers(
        wrong=[
            # the other way
            "return start + (end - start) / 2 * (1 + math.cos(math.pi * share))",
            # in degrees
            "return end + (start - end) / 2 * (1 + math.cos(180 * share))",
            # a whole wave
            "return end + (start - end) / 2 * (1 + math.cos(2 * math.pi * share))",
            # a straight line
            "return start + (end - start) * share",
            # forgets the half
            "return end + (start - end) * (1 + math.cos(math.pi * share))",
            # a quarter of a wave
            "return end + (start - end) * math.cos(math.pi / 2 * share)",
        ],
        right=[
            """
            left = math.cos(math.pi * share / 2) ** 2
            return left * start + (1 - left) * end
            """,
        ],
    ),
    "sequential": Answers(
        wrong=[
            # the change comes a step late
            """
            place = bisect_left(self.milestones, self.last_epoch)
            on_duty = self.schedulers[place]
            on_duty.last_epoch = self.last_epoch - [0, *self.milestones][place]
            return on_duty.get_lr()
            """,
            # all count from the beginning
            """
            on_duty = self.schedulers[bisect_right(self.milestones, self.last_epoch)]
            on_duty.last_epoch = self.last_epoch
            return on_duty.get_lr()
            """,
            # lets it count by itself, once for each question
            """
            on_duty = self.schedulers[bisect_right(self.milestones, self.last_epoch)]
            on_duty.last_epoch += 1
            return on_duty.get_lr()
            """,
            # counts from the milestone ahead
            """
            place = bisect_right(self.milestones, self.last_epoch)
            on_duty = self.schedulers[place]
            on_duty.last_epoch = self.last_epoch - [*self.milestones, 0][place]
            return on_duty.get_lr()
            """,
            # only two
            """
            if not self.milestones or self.last_epoch < self.milestones[0]:
                self.schedulers[0].last_epoch = self.last_epoch
                return self.schedulers[0].get_lr()
            self.schedulers[1].last_epoch = self.last_epoch - self.milestones[0]
            return self.schedulers[1].get_lr()
            """,
        ],
        right=[
            """
            begin, chosen = 0, self.schedulers[0]
            for milestone, scheduler in zip(self.milestones, self.schedulers[1:]):
                if milestone <= self.last_epoch:
                    begin, chosen = milestone, scheduler
            chosen.last_epoch = self.last_epoch - begin
            return chosen.get_lr()
            """,
        ],
    ),
    "phase": Answers(
        wrong=[
            # the last step of a phase is taken for the first of the next
            """
            i = min(bisect_right(ends, t), len(ends) - 1)
            begin = [0, *ends][i]
            return i, (t - begin) / (ends[i] - begin)
            """,
            # runs out of phases
            """
            i = bisect_left(ends, t)
            begin = [0, *ends][i]
            return i, (t - begin) / (ends[i] - begin)
            """,
            # the share of the whole way
            """
            i = min(bisect_left(ends, t), len(ends) - 1)
            return i, t / ends[i]
            """,
            # stops at 1
            """
            i = min(bisect_left(ends, t), len(ends) - 1)
            begin = [0, *ends][i]
            return i, min(1, (t - begin) / (ends[i] - begin))
            """,
            # phases counted from 1
            """
            i = min(bisect_left(ends, t), len(ends) - 1)
            begin = [0, *ends][i]
            return i + 1, (t - begin) / (ends[i] - begin)
            """,
        ],
        right=[
            """
            begin = 0
            for i, end in enumerate(ends):
                if t <= end or i == len(ends) - 1:
                    return i, (t - begin) / (end - begin)
                begin = end
            """,
        ],
    ),
    "total-norm": Answers(
        wrong=[
            # adds up the lengths
            "return float(sum(np.linalg.norm(array.ravel(), p) for array in arrays))",
            # no root
            "return float(sum((np.abs(array) ** p).sum() for array in arrays))",
            # the longest
            """
            return max((float(np.linalg.norm(array.ravel(), p)) for array in arrays), default=0.0)
            """,
            # p = 2, whatever it was asked for
            "return math.sqrt(sum(float((array * array).sum()) for array in arrays))",
            # the norm of matrices
            """
            if not arrays:
                return 0.0
            return float(np.linalg.norm([np.linalg.norm(array, p) for array in arrays], p))
            """,
            # stumbles over no arrays
            "return float(np.linalg.norm(np.concatenate([a.ravel() for a in arrays]), p))",
        ],
        right=[
            """
            if not arrays:
                return 0.0
            flat = np.abs(np.concatenate([array.ravel() for array in arrays]).astype(np.float64))
            return float(flat.max() if p == math.inf else (flat**p).sum() ** (1 / p))
            """,
        ],
    ),
    "clip": Answers(
        wrong=[
            # lengthens short ones
            """
            factor = max_norm / (norm + 1e-6)
            for gradient in gradients:
                gradient.array *= factor
                note_write(gradient)
            return Tensor(norm)
            """,
            # each for itself
            """
            for gradient in gradients:
                own = total_norm([gradient.array], norm_type)
                if own > max_norm:
                    gradient.array *= max_norm / (own + 1e-6)
                    note_write(gradient)
            return Tensor(norm)
            """,
            # element by element
            """
            for gradient in gradients:
                np.clip(gradient.array, -max_norm, max_norm, out=gradient.array)
                note_write(gradient)
            return Tensor(norm)
            """,
            # the norm afterwards
            """
            factor = max_norm / (norm + 1e-6)
            if factor < 1:
                for gradient in gradients:
                    gradient.array *= factor
                    note_write(gradient)
            return Tensor(min(norm, max_norm))
            """,
            # not in place
            """
            factor = min(1.0, max_norm / (norm + 1e-6))
            for p in parameters:
                if p.grad is not None:
                    p.grad = p.grad * factor
            return Tensor(norm)
            """,
            # always to max_norm's share, not its length
            """
            if norm > max_norm:
                for gradient in gradients:
                    gradient.array *= max_norm
                    note_write(gradient)
            return Tensor(norm)
            """,
            # returns nothing
            """
            factor = max_norm / (norm + 1e-6)
            if factor < 1:
                for gradient in gradients:
                    gradient.array *= factor
                    note_write(gradient)
            """,
        ],
        right=[
            """
            factor = min(1.0, max_norm / (norm + 1e-6))
            for gradient in gradients:
                np.multiply(gradient.array, factor, out=gradient.array)
            return Tensor(norm)
            """,
            """
            if norm > max_norm:
                for gradient in gradients:
                    gradient[...] = gradient * (max_norm / norm)
            return Tensor(norm)
            """,
        ],
    ),
    "accumulate": Answers(
        wrong=[
            # as if all were of one size
            """
            mean = 0.0
            for inputs, targets in batches:
                loss = loss_fn(model(inputs), targets) * (1 / len(batches))
                loss.backward()
                mean += loss.item()
            return mean
            """,
            # not weighed at all
            """
            mean = 0.0
            for inputs, targets in batches:
                loss = loss_fn(model(inputs), targets)
                loss.backward()
                mean += loss.item()
            return mean
            """,
            # the sum over the examples
            """
            mean = 0.0
            for inputs, targets in batches:
                loss = loss_fn(model(inputs), targets) * len(targets)
                loss.backward()
                mean += loss.item()
            return mean
            """,
            # zeroes on the way
            """
            total = sum(len(targets) for _, targets in batches)
            mean = 0.0
            for inputs, targets in batches:
                model.zero_grad()
                loss = loss_fn(model(inputs), targets) * (len(targets) / total)
                loss.backward()
                mean += loss.item()
            return mean
            """,
            # zeroes first
            """
            model.zero_grad()
            total = sum(len(targets) for _, targets in batches)
            mean = 0.0
            for inputs, targets in batches:
                loss = loss_fn(model(inputs), targets) * (len(targets) / total)
                loss.backward()
                mean += loss.item()
            return mean
            """,
            # weighs after backward
            """
            total = sum(len(targets) for _, targets in batches)
            mean = 0.0
            for inputs, targets in batches:
                loss = loss_fn(model(inputs), targets)
                loss.backward()
                mean += loss.item() * len(targets) / total
            return mean
            """,
            # the last loss only
            """
            total = sum(len(targets) for _, targets in batches)
            for inputs, targets in batches:
                loss = loss_fn(model(inputs), targets) * (len(targets) / total)
                loss.backward()
            return loss.item()
            """,
            # a tensor
            """
            total = sum(len(targets) for _, targets in batches)
            mean = 0.0
            for inputs, targets in batches:
                loss = loss_fn(model(inputs), targets) * (len(targets) / total)
                loss.backward()
                mean = loss.detach() + mean
            return mean
            """,
            # steps already
            """
            total = sum(len(targets) for _, targets in batches)
            mean = 0.0
            for inputs, targets in batches:
                loss = loss_fn(model(inputs), targets) * (len(targets) / total)
                loss.backward()
                mean += loss.item()
            for p in model.parameters():
                p.data -= p.grad * 0.1
            return mean
            """,
        ],
        right=[
            """
            sizes = [len(targets) for _, targets in batches]
            losses = []
            for size, (inputs, targets) in zip(sizes, batches):
                losses.append(loss_fn(model(inputs), targets) * size / sum(sizes))
            total = losses[0]
            for loss in losses[1:]:
                total = total + loss
            total.backward()
            return float(total)
            """,
        ],
    ),
    "evaluate": Answers(
        wrong=[
            # dropout at work
            """
            rows = []
            with no_grad():
                for inputs, targets in batches:
                    outputs = model(inputs)
                    row = {name: float(f(outputs, targets)) for name, f in measures.items()}
                    rows.append((len(targets), row))
            return weighted_means(rows)
            """,
            # stays in eval mode
            """
            model.eval()
            rows = []
            with no_grad():
                for inputs, targets in batches:
                    outputs = model(inputs)
                    row = {name: float(f(outputs, targets)) for name, f in measures.items()}
                    rows.append((len(targets), row))
            return weighted_means(rows)
            """,
            # goes back to training, whatever it was
            """
            model.eval()
            rows = []
            with no_grad():
                for inputs, targets in batches:
                    outputs = model(inputs)
                    row = {name: float(f(outputs, targets)) for name, f in measures.items()}
                    rows.append((len(targets), row))
            model.train()
            return weighted_means(rows)
            """,
            # builds a graph
            """
            was_training, rows = model.training, []
            model.eval()
            for inputs, targets in batches:
                outputs = model(inputs)
                row = {name: float(f(outputs, targets)) for name, f in measures.items()}
                rows.append((len(targets), row))
            model.train(was_training)
            return weighted_means(rows)
            """,
            # each batch counts the same
            """
            was_training, rows = model.training, []
            model.eval()
            with no_grad():
                for inputs, targets in batches:
                    outputs = model(inputs)
                    row = {name: float(f(outputs, targets)) for name, f in measures.items()}
                    rows.append((1, row))
            model.train(was_training)
            return weighted_means(rows)
            """,
            # only the model's own switch
            """
            was_training, rows = model.training, []
            model.training = False
            with no_grad():
                for inputs, targets in batches:
                    outputs = model(inputs)
                    row = {name: float(f(outputs, targets)) for name, f in measures.items()}
                    rows.append((len(targets), row))
            model.training = was_training
            return weighted_means(rows)
            """,
            # the loss alone
            """
            was_training, rows = model.training, []
            model.eval()
            with no_grad():
                for inputs, targets in batches:
                    rows.append((len(targets), {"loss": float(loss_fn(model(inputs), targets))}))
            model.train(was_training)
            return weighted_means(rows)
            """,
            # tensors in place of numbers
            """
            was_training, rows = model.training, []
            model.eval()
            with no_grad():
                for inputs, targets in batches:
                    outputs = model(inputs)
                    row = {name: f(outputs, targets) for name, f in measures.items()}
                    rows.append((len(targets), row))
            model.train(was_training)
            return weighted_means(rows)
            """,
        ],
        right=[
            """
            mode, sums, count = model.training, dict.fromkeys(measures, 0.0), 0
            try:
                model.train(False)
                for inputs, targets in batches:
                    with no_grad():
                        outputs = model(inputs)
                        for name, measure in measures.items():
                            sums[name] += len(targets) * float(measure(outputs, targets))
                    count += len(targets)
            finally:
                model.train(mode)
            return {name: value / count for name, value in sums.items()}
            """,
        ],
    ),
    "since-best": Answers(
        wrong=[
            # since the last of equals
            """
            if not values:
                return 0
            return min(range(len(values)), key=lambda i: (values[::-1][i], i))
            """,
            # equal counts as better
            """
            lowest, since = math.inf, 0
            for value in values:
                since = 0 if value <= lowest else since + 1
                lowest = min(lowest, value)
            return since
            """,
            # compares with the epoch before
            """
            since = 0
            for before, value in zip(values, values[1:]):
                since = 0 if value < before else since + 1
            return since
            """,
            # where, not how long ago
            "return values.index(min(values)) if values else 0",
            # stumbles over nothing
            "return len(values) - 1 - values.index(min(values))",
            # counts one too many
            "return len(values) - values.index(min(values)) if values else 0",
            # never resets
            """
            lowest, since = math.inf, 0
            for value in values:
                since += value >= lowest
                lowest = min(lowest, value)
            return since
            """,
            # higher is better
            "return len(values) - 1 - values.index(max(values)) if values else 0",
        ],
        right=[
            "return len(values) - 1 - values.index(min(values)) if values else 0",
        ],
    ),
    "pack": Answers(
        wrong=[
            # a tuple becomes a list
            """
            if isinstance(value, Tensor):
                return {"tensor": keep(arrays, path, value.array)}
            if isinstance(value, dict):
                pairs = value.items()
                return {"dict": [[k, pack(v, arrays, child_path(path, k))] for k, v in pairs]}
            if isinstance(value, list | tuple):
                return [pack(v, arrays, child_path(path, i)) for i, v in enumerate(value)]
            return plain(value, path)
            """,
            # keys become texts
            """
            if isinstance(value, Tensor):
                return {"tensor": keep(arrays, path, value.array)}
            if isinstance(value, dict):
                pairs = value.items()
                return {"dict": [[str(k), pack(v, arrays, child_path(path, k))] for k, v in pairs]}
            if isinstance(value, list | tuple):
                items = [pack(v, arrays, child_path(path, i)) for i, v in enumerate(value)]
                return items if isinstance(value, list) else {"tuple": items}
            return plain(value, path)
            """,
            # a path that is only the last key
            """
            if isinstance(value, Tensor):
                return {"tensor": keep(arrays, path, value.array)}
            if isinstance(value, dict):
                return {"dict": [[k, pack(v, arrays, str(k))] for k, v in value.items()]}
            if isinstance(value, list | tuple):
                items = [pack(v, arrays, str(i)) for i, v in enumerate(value)]
                return items if isinstance(value, list) else {"tuple": items}
            return plain(value, path)
            """,
            # dictionaries as they are
            """
            if isinstance(value, Tensor):
                return {"tensor": keep(arrays, path, value.array)}
            if isinstance(value, dict):
                return {k: pack(v, arrays, child_path(path, k)) for k, v in value.items()}
            if isinstance(value, list | tuple):
                items = [pack(v, arrays, child_path(path, i)) for i, v in enumerate(value)]
                return items if isinstance(value, list) else {"tuple": items}
            return plain(value, path)
            """,
            # lets anything through
            """
            if isinstance(value, Tensor):
                return {"tensor": keep(arrays, path, value.array)}
            if isinstance(value, dict):
                pairs = value.items()
                return {"dict": [[k, pack(v, arrays, child_path(path, k))] for k, v in pairs]}
            if isinstance(value, list | tuple):
                items = [pack(v, arrays, child_path(path, i)) for i, v in enumerate(value)]
                return items if isinstance(value, list) else {"tuple": items}
            return value
            """,
            # two tensors of one path share one array
            """
            if isinstance(value, Tensor):
                arrays[path] = value.array
                return {"tensor": path}
            if isinstance(value, dict):
                pairs = value.items()
                return {"dict": [[k, pack(v, arrays, child_path(path, k))] for k, v in pairs]}
            if isinstance(value, list | tuple):
                items = [pack(v, arrays, child_path(path, i)) for i, v in enumerate(value)]
                return items if isinstance(value, list) else {"tuple": items}
            return plain(value, path)
            """,
            # forgets the arrays
            """
            if isinstance(value, Tensor):
                return {"tensor": path}
            if isinstance(value, dict):
                pairs = value.items()
                return {"dict": [[k, pack(v, arrays, child_path(path, k))] for k, v in pairs]}
            if isinstance(value, list | tuple):
                items = [pack(v, arrays, child_path(path, i)) for i, v in enumerate(value)]
                return items if isinstance(value, list) else {"tuple": items}
            return plain(value, path)
            """,
        ],
        right=[
            """
            match value:
                case Tensor():
                    return dict(tensor=keep(arrays, path, np.array(value.array)))
                case dict():
                    inside = []
                    for key in value:
                        inside.append([key, pack(value[key], arrays, child_path(path, key))])
                    return dict(dict=inside)
                case tuple():
                    return dict(tuple=pack(list(value), arrays, path))
                case list():
                    return [pack(v, arrays, child_path(path, i)) for i, v in enumerate(value)]
            return plain(value, path)
            """,
        ],
    ),
    "atomic": Answers(
        wrong=[
            # straight into the old file
            """
            with open(path, "wb") as file:
                file.write(data)
            """,
            # removes the old one first
            """
            path.unlink(missing_ok=True)
            with open(path, "wb") as file:
                file.write(data)
            """,
            # leaves a rest after an error
            """
            with open(temporary, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
            """,
            # replaces in any case
            """
            try:
                with open(temporary, "wb") as file:
                    file.write(data)
            finally:
                os.replace(temporary, path)
            """,
            # copies, and keeps the copy
            """
            temporary.write_bytes(data)
            path.write_bytes(temporary.read_bytes())
            """,
            # swallows the error
            """
            try:
                with open(temporary, "wb") as file:
                    file.write(data)
                os.replace(temporary, path)
            except Exception:
                temporary.unlink(missing_ok=True)
            """,
        ],
        right=[
            """
            try:
                with temporary.open("xb") as file:
                    file.write(memoryview(data))
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(path)
            except BaseException:
                if temporary.exists():
                    os.remove(temporary)
                raise
            """,
        ],
    ),
    "misfits": Answers(
        wrong=[
            # doesn't look inside
            """
            if trouble := difference(saved, own):
                yield f"{path}: {trouble}"
            """,
            # looks inside dictionaries only
            """
            if trouble := difference(saved, own):
                yield f"{path}: {trouble}"
            elif isinstance(own, dict):
                for key in own:
                    yield from misfits(saved[key], own[key], child_path(path, key))
            """,
            # loses the path
            """
            if trouble := difference(saved, own):
                yield f"{path}: {trouble}"
            elif isinstance(own, dict | list | tuple):
                for key in own if isinstance(own, dict) else range(len(own)):
                    yield from misfits(saved[key], own[key], str(key))
            """,
            # goes inside what differs
            """
            if trouble := difference(saved, own):
                yield f"{path}: {trouble}"
            if isinstance(own, dict | list | tuple):
                for key in own if isinstance(own, dict) else range(len(own)):
                    yield from misfits(saved[key], own[key], child_path(path, key))
            """,
            # the first only
            """
            if trouble := difference(saved, own):
                yield f"{path}: {trouble}"
            elif isinstance(own, dict | list | tuple):
                for key in own if isinstance(own, dict) else range(len(own)):
                    for line in misfits(saved[key], own[key], child_path(path, key)):
                        yield line
                        return
            """,
            # the wrong way round
            """
            if trouble := difference(own, saved):
                yield f"{path}: {trouble}"
            elif isinstance(own, dict | list | tuple):
                for key in own if isinstance(own, dict) else range(len(own)):
                    yield from misfits(saved[key], own[key], child_path(path, key))
            """,
        ],
        right=[
            """
            trouble = difference(saved, own)
            if trouble:
                return [path + ": " + trouble]
            lines = []
            if isinstance(own, dict):
                for key in own:
                    lines += list(misfits(saved[key], own[key], child_path(path, key)))
            elif isinstance(own, (list, tuple)):
                for i, (one, other) in enumerate(zip(saved, own)):
                    lines += list(misfits(one, other, child_path(path, i)))
            return lines
            """,
        ],
    ),
}
