(define (problem blocks-4-collect-31-1)
(:domain blocksworld-4ops)
(:objects a b c d)
(:init
(handempty)
(on a c)
(ontable b)
(on c b)
(ontable d)
(clear a)
(clear d)
)
(:goal
(and
(on a c)
(on b d)
(on c b)
)))
